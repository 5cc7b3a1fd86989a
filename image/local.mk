# image: nothing built yet
