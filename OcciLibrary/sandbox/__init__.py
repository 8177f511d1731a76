"""The sandbox: a real OCCI site on 127.0.0.1 whose VMs have a real echo service and a real SSH login."""
