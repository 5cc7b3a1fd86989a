# driver: nothing built yet
