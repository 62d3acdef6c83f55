package io.heliograph.broker;

import java.time.Duration;

/**
 * A text that another node sent over the {@link ClusterBus}.
 *
 * @param from the sending node
 * @param ageAtMost upper bound of the time since it was sent
 * @param ageAtLeast lower bound of that time; the difference is the uncertainty of the clocks
 */
public record BusMessage(String from, String text, Duration ageAtMost, Duration ageAtLeast) {}
