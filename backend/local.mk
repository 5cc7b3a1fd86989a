# backend: nothing built yet
