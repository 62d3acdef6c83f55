package io.heliograph.architecture.sample;

/** Broken on purpose: a root package holds the main class only. */
class Stranger {}
