package io.octet.internal.select;

import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PassedOn;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.select.Registry.Selection;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The kernels of a session: one for each spec, made for the first step that computes it, shared by
/// all of them, in whatever plan, and freed with the last. So a plan for another batch or sequence
/// length makes only what differs. Thread-safe.
public final class KernelCache {
  private final Registry registry;
  private final KernelContext context;
  private final Map<Key, Shared> kernels = new HashMap<>();

  /// A spec by its equality, and a hash that tells most of them apart: each process would generate
  /// a record's own, for every type in it, when it opens its first session.
  private static final class Key {
    private final KernelSpec spec;
    private final int hash;

    Key(KernelSpec spec) {
      this.spec = spec;
      int own = Arrays.hashCode(spec.y().shape().sizes());
      Object kind = spec.getClass();
      if (spec instanceof KernelSpec.Conv conv) {
        kind = conv.weights().values();
      } else if (spec instanceof KernelSpec.Linear linear) {
        kind = linear.weights().values();
      }
      this.hash = 31 * own + System.identityHashCode(kind);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key that && hash == that.hash && spec.equals(that.spec);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /// @param registry who is asked for kernels
  /// @param context what they share
  public KernelCache(Registry registry, KernelContext context) {
    this.registry = registry;
    this.context = context;
  }

  /// Others for the same specs, of which nothing is to stay.
  public KernelCache anew(WeightsCache packed) {
    return new KernelCache(registry, new KernelContext(context.threads(), packed, context.exact()));
  }

  /// What serves `spec`: {@link Registry#select} where nothing does yet. Whoever asked closes the
  /// kernel.
  public Selection select(KernelSpec spec) {
    Key key = new Key(spec);
    Selection known = lease(key);
    if (known != null) {
      return known;
    }
    // Outside of the lock: others go on while one is compiled and tried out.
    Selection made = registry.select(spec, context);
    return made.kernel() == null ? made : kept(key, made);
  }

  private synchronized Selection lease(Key key) {
    Shared shared = kernels.get(key);
    return shared == null ? null : shared.lease();
  }

  private Selection kept(Key key, Selection made) {
    Selection lease;
    boolean mine;
    try {
      synchronized (this) {
        Shared own = new Shared(key, made);
        Shared other = kernels.putIfAbsent(key, own);
        mine = other == null;
        try {
          lease = mine ? own.lease() : other.lease();
        } catch (Error e) {
          kernels.remove(key, own); // whose kernel is closed below
          throw e;
        }
      }
    } catch (Error e) {
      made.kernel().close();
      throw e;
    }
    if (!mine) {
      made.kernel().close();
    }
    return lease;
  }

  /// One kernel, and how many use it.
  private final class Shared {
    private final Key key;
    private final Selection made;
    private int users;

    Shared(Key key, Selection made) {
      this.key = key;
      this.made = made;
    }

    Selection lease() {
      Lease lease = new Lease(this, made.kernel());
      users++;
      return new Selection(lease, made.refusals());
    }

    void release() {
      synchronized (KernelCache.this) {
        users--;
        if (users > 0) {
          return;
        }
        kernels.remove(key, this);
      }
      made.kernel().close();
    }
  }

  /// One user's hold on a kernel.
  private static final class Lease extends PassedOn {
    private final Shared shared;
    private boolean closed;

    Lease(Shared shared, Kernel kernel) {
      super(kernel);
      this.shared = shared;
    }

    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      shared.release();
    }
  }
}
