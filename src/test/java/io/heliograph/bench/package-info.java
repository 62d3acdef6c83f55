/**
 * Measurements that anyone can repeat; none of them is a test. Each starts the application as a
 * process of its own and loads it over loopback, and each stops by itself.
 */
@NullMarked
package io.heliograph.bench;

import org.jspecify.annotations.NullMarked;
