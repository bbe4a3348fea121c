"""Things with parts that move: drawers, doors and push buttons.

All are drawn with their front on the side of -x, so that at yaw 0 they face a robot that stands at the origin. They are
meant to be bolted to the table: a light cabinet would otherwise tip or slide when its drawer is pulled, as it does for
a person who does not hold it with the other hand.
"""
