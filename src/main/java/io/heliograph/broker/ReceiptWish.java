package io.heliograph.broker;

import java.time.Duration;

/**
 * A request for receipts, sent with a message whose publisher waits for its delivery.
 *
 * @param node the node to send receipts to
 * @param within how long receipts are wanted
 */
public record ReceiptWish(String node, Duration within) {}
