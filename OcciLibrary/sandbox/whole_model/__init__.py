"""The whole model of OCCI: networks, storages, links, filters, mixins of users; for dialects that keep to a document."""
