"""The sandbox in the manners of known OCCI servers, one dialect each."""
