/**
 * Signed requests to configured URLs: the HTTP client, which refuses internal addresses, and the
 * signatures of Standard Webhooks.
 */
@NullMarked
package io.heliograph.webhook;

import org.jspecify.annotations.NullMarked;
