/** The REST API for backends: messages, channels, sessions, users and tokens. */
@NullMarked
package io.heliograph.api;

import org.jspecify.annotations.NullMarked;
