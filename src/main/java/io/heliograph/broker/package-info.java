/**
 * The one seam to the cluster: append and announce, subscribe, read a log. The hub talks to a
 * {@code Broker} and never asks which one it is.
 */
@NullMarked
package io.heliograph.broker;

import org.jspecify.annotations.NullMarked;
