"""The commands of `occi-matrix`, a module each. A module here has `add_to(app)`, which puts its command into the application."""
