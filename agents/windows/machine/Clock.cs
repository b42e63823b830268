using System;
using System.Diagnostics;

namespace Terrarium
{
    /// <summary>The time since 1970 in milliseconds. It never goes back, whatever sets the machine's clock meanwhile.</summary>
    internal sealed class Clock
    {
        private readonly Stopwatch watch = Stopwatch.StartNew();
        private readonly long begin = (long)(DateTime.UtcNow - new DateTime(1970, 1, 1)).TotalMilliseconds;

        public long Now { get { return begin + watch.ElapsedMilliseconds; } }
    }
}
