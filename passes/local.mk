# passes: nothing built yet
