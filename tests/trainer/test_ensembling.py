import numpy as np
import pytest

from trainer.evaluate.ensembling import TemporalEnsemble


def test_a_step_is_the_weighted_mean_of_all_chunks_that_foresaw_it():
    ensemble = TemporalEnsemble(decay=np.log(2))
    ensemble.add(0, [[0.0], [1.0], [2.0]])
    ensemble.add(1, [[7.0], [8.0], [9.0]])
    assert ensemble.action(1) == pytest.approx((1.0 * 1 + 7.0 * 0.5) / 1.5)
    ensemble.add(3, [[4.0]])
    assert ensemble.action(3) == pytest.approx((9.0 * 1 + 4.0 * 0.5) / 1.5)


def test_a_step_that_nothing_foresaw_is_an_error():
    ensemble = TemporalEnsemble()
    ensemble.add(0, np.zeros((4, 8)))
    with pytest.raises(LookupError, match="step 4"):
        ensemble.action(4)
