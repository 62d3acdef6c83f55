package io.heliograph.broker;

import java.time.Duration;

/**
 * Goes with a message whose publisher waits to hear what becomes of it.
 *
 * @param node where receipts are to be told
 * @param within for how long they are wanted
 */
public record ReceiptWish(String node, Duration within) {}
