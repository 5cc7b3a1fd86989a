# stdlib: nothing built yet
