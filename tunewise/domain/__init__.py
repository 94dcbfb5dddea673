"""Values that the whole product speaks: pure, frozen, standard library only."""
