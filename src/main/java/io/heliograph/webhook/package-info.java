/**
 * Signed requests to configured addresses: the client with its guard against internal targets, and
 * the signatures of Standard Webhooks.
 */
@NullMarked
package io.heliograph.webhook;

import org.jspecify.annotations.NullMarked;
