package io.heliograph.architecture.sample.unheardof;

/** Broken on purpose: its package is in no table. */
class Surprise {}
