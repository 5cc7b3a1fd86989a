# parser: nothing built yet
