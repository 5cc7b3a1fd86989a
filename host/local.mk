# host: nothing built yet
