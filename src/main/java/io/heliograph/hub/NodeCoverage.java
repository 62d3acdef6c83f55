package io.heliograph.hub;

/**
 * How many nodes an answer about the cluster covers.
 *
 * @param asked the nodes that were asked, this one included
 * @param answered the nodes that answered in time; if fewer than were asked, the answer is partial
 */
public record NodeCoverage(int asked, int answered) {

  public boolean complete() {
    return answered >= asked;
  }
}
