/**
 * WeChat as a login provider, on the JDK alone: the callbacks of an official account, the client of
 * WeChat's API, and the website login of the Open Platform. It passes WeChat's reports to {@link
 * io.heliograph.login.PhoneLogins} and shares only the metrics with the other callbacks.
 */
@NullMarked
package io.heliograph.login.wechat;

import org.jspecify.annotations.NullMarked;
