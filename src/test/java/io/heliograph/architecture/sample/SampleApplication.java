package io.heliograph.architecture.sample;

/** What may be in a root package. */
class SampleApplication {

  public static void main(String[] args) {}
}
