/**
 * What all classes that store data in Redis share: connections, scripts, and the names of keys. It
 * does not depend on messages or the broker.
 */
@NullMarked
package io.heliograph.redis;

import org.jspecify.annotations.NullMarked;
