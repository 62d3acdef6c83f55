/**
 * Measurements that anyone can repeat; none of them is a test. {@code Bench} is all of it, {@code
 * IdleMemory} what a session costs, {@code million.Million} very many sessions without sockets.
 * Each starts what it measures as a process of its own, loads it over loopback, and stops by
 * itself.
 */
@NullMarked
package io.heliograph.bench;

import org.jspecify.annotations.NullMarked;
