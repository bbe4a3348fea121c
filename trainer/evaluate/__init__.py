"""What a checkpoint can do: answers, closed loop, alignment of its objectives."""
