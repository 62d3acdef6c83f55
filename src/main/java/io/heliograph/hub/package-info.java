/**
 * Where connecting, subscribing, pushing and leaving meet. It joins the sessions of this node to
 * the broker of the cluster.
 */
@NullMarked
package io.heliograph.hub;

import org.jspecify.annotations.NullMarked;
