from trainer.data.prompts import SPATIAL_PROMPTS, spatially_prompted


def test_prompts_are_those_of_the_paper():
    # Appendix C.5, word by word.
    assert {name: text for name, text in SPATIAL_PROMPTS.items() if name != "none"} == {
        "unified": "Figure out how to execute it, then locate the key object needed.",
        "padding": "xxx, xxx, xxx, xxx, xxx, xxx",
        "box": "Figure out how to execute it, then locate the key object needed. "
        "Give the box coordinates according to the instruction",
        "point": "Figure out how to execute it, then locate the key object needed. "
        "Your answer should be formatted as a list of tuples",
        "trace": "Figure out how to execute it, then locate the key object needed. "
        "Based on the task description predict the trajectory that the end effector should take",
    }


def test_without_a_prompt_the_instruction_stands_alone():
    assert spatially_prompted("Put the mug away.", "none") == "Put the mug away."
