/**
 * What clients send on to the backend: their calls, and the backend's word on what they publish.
 */
@NullMarked
package io.heliograph.upstream;

import org.jspecify.annotations.NullMarked;
