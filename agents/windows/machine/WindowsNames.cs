using System;
using System.IO;

namespace Terrarium
{
    /// <summary>What Windows takes for a name of a file: learn.microsoft.com, "Naming Files, Paths, and Namespaces".</summary>
    internal static class WindowsNames
    {
        private const string Refused = "<>:\"|?*\\";
        private static readonly string[] Devices = { "CON", "PRN", "AUX", "NUL", "COM", "LPT" };

        /// <summary>The parts of a relative path with forward slashes; throws InvalidDataException for one that cannot be, or leaves its folder.</summary>
        public static string[] Check(string path)
        {
            string inner = path.TrimEnd('/');
            while (inner.StartsWith("./", StringComparison.Ordinal)) inner = inner.Substring(2);
            if (inner.Length == 0 || inner == ".") return new string[0];
            string[] parts = inner.Split('/');
            foreach (string part in parts)
            {
                string why = WhyNot(part);
                if (why != null) throw new InvalidDataException("Windows cannot have the file " + path + ": " + why);
            }
            return parts;
        }

        private static string WhyNot(string part)
        {
            if (part.Length == 0 || part == "." || part == "..") return "its path leads elsewhere.";
            foreach (char one in part) if (one < ' ' || Refused.IndexOf(one) >= 0) return "no name may hold control characters or any of " + Refused;
            if (part.EndsWith(".", StringComparison.Ordinal) || part.EndsWith(" ", StringComparison.Ordinal)) return "no name may end with a dot or a space.";
            return IsDevice(part.Split('.')[0].TrimEnd(' ')) ? "that is the name of a device." : null;
        }

        private static bool IsDevice(string stem)
        {
            int index = Array.IndexOf(Devices, (stem.Length == 4 && stem[3] >= '1' && stem[3] <= '9' ? stem.Substring(0, 3) : stem).ToUpperInvariant());
            return index >= 4 ? stem.Length == 4 : index >= 0 && stem.Length == 3;
        }
    }
}
