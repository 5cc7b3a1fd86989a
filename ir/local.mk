# ir: nothing built yet
