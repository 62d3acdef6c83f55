package io.heliograph.hub;

/**
 * How far an answer speaks for the cluster.
 *
 * @param asked nodes that could know, this one among them
 * @param answered those that said something in time; fewer than were asked: the answer is partial
 */
public record NodeCoverage(int asked, int answered) {

  public boolean complete() {
    return answered >= asked;
  }
}
