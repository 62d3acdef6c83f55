/**
 * What an operator installs and looks at: the chart is linted, rendered and read as Kubernetes
 * would read it, and rules and dashboard are compared with what a running node really says.
 */
@NullMarked
package io.heliograph.operate;

import org.jspecify.annotations.NullMarked;
