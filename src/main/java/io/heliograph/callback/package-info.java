/**
 * Receives signed webhooks, which change a login or publish a message. No body is parsed before its
 * signature is verified.
 */
@NullMarked
package io.heliograph.callback;

import org.jspecify.annotations.NullMarked;
