/**
 * The seam to the cluster: append and announce, subscribe, read a log, and send texts between
 * nodes.
 */
@NullMarked
package io.heliograph.broker;

import org.jspecify.annotations.NullMarked;
