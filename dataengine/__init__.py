"""How data is made: physics, grasps, motion, records, questions, language, shards and runs."""
