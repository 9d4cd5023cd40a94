"""Everything on one machine, without containers or system packages: what `bin/run`, `bin/manage` and `bin/test` stand on."""
