from couponbus.runtime import initialisation

initialisation.begin()
