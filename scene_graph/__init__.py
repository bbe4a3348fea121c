"""What a scene means: nodes, relations, tasks; solving a layout; judging a goal; referring to one body in words."""
