"""The whole house, all of it real: everything that runs, through the gateway's door."""
