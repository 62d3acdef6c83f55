package io.heliograph.redis;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections to Redis on which commands get no answer. After a firewall dropped the
 * connection or the machine vanished, TCP would keep it open for about 15 minutes; Lettuce replaces
 * a closed connection at once and resolves the address again. {@link #closeAll} closes all
 * connections, for a server that still answers but is no longer the master.
 */
public final class StaleConnectionCloser implements NettyCustomizer {

  private static final Logger log = LoggerFactory.getLogger(StaleConnectionCloser.class);

  private final Duration patience;

  /** All connections of this process; each removes itself when it closes. */
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  /**
   * @param patience longer than any command may take
   */
  public StaleConnectionCloser(Duration patience) {
    this.patience = patience;
  }

  @Override
  public void afterChannelInitialized(Channel channel) {
    open.add(channel);
    // First in the pipeline, to see all bytes from the network.
    channel.pipeline().addFirst(new Watch(patience));
  }

  /** Closes all connections. Any thread may call it; it does not block. */
  void closeAll() {
    open.close();
  }

  /** On the connection's event loop. */
  private static final class Watch extends ChannelDuplexHandler {
    private final Duration patience;
    private boolean waiting;
    private long readNanos;

    Watch(Duration patience) {
      this.patience = patience;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
        throws Exception {
      if (!waiting) {
        waiting = true;
        checkLater(context, System.nanoTime());
      }
      super.write(context, message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      waiting = false;
      readNanos = System.nanoTime();
      super.channelRead(context, message);
    }

    private void checkLater(ChannelHandlerContext context, long sentNanos) {
      context
          .executor()
          .schedule(
              () -> {
                boolean silent = waiting && readNanos - sentNanos < 0;
                if (silent && context.channel().isActive()) {
                  log.warn("A connection to Redis got no answer and is replaced");
                  context.close();
                }
              },
              patience.toNanos(),
              TimeUnit.NANOSECONDS);
    }
  }
}
