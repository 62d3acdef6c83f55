/**
 * The way in for backends: the REST calls that push messages and look at channels and sessions. It
 * validates, asks the hub, and answers honestly.
 */
@NullMarked
package io.heliograph.push;

import org.jspecify.annotations.NullMarked;
