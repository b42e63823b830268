using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Terrarium
{
    /// <summary>
    /// The variables of a process, as Windows keeps them: names in any case of letters, sorted, each `NAME=value`. Names that begin with `=` are kept, too: cmd
    /// keeps the current folder of each drive in them.
    /// </summary>
    internal sealed class EnvironmentBlock
    {
        private readonly SortedDictionary<string, KeyValuePair<string, string>> values =
            new SortedDictionary<string, KeyValuePair<string, string>>(StringComparer.OrdinalIgnoreCase);

        /// <summary>The variables of this process.</summary>
        public static EnvironmentBlock OfThisProcess()
        {
            EnvironmentBlock block = new EnvironmentBlock();
            IntPtr strings = Native.GetEnvironmentStringsW();
            Native.Check(strings != IntPtr.Zero, "GetEnvironmentStrings");
            for (IntPtr at = strings; ;)
            {
                string entry = Marshal.PtrToStringUni(at);
                if (entry.Length == 0) break;
                block.Take(entry);
                at = IntPtr.Add(at, (entry.Length + 1) * 2);
            }
            Native.FreeEnvironmentStringsW(strings);
            return block;
        }

        /// <summary>What `Save` wrote.</summary>
        public static EnvironmentBlock Load(string text)
        {
            EnvironmentBlock block = new EnvironmentBlock();
            foreach (string entry in text.Split('\0')) if (entry.Length > 0) block.Take(entry);
            return block;
        }

        /// <summary>All variables in one text, a NUL after each.</summary>
        public string Save()
        {
            StringBuilder text = new StringBuilder();
            foreach (KeyValuePair<string, string> one in values.Values) text.Append(one.Key).Append('=').Append(one.Value).Append('\0');
            return text.ToString();
        }

        /// <summary>The block as CreateProcess takes it, with its closing NUL; in memory that the caller frees by FreeHGlobal.</summary>
        public IntPtr ToMemory()
        {
            return Marshal.StringToHGlobalUni(Save() + "\0");
        }

        /// <summary>A variable's value; null where it is not set.</summary>
        public string Get(string name)
        {
            KeyValuePair<string, string> found;
            return values.TryGetValue(name, out found) ? found.Value : null;
        }

        public void Set(string name, string value)
        {
            values[name] = new KeyValuePair<string, string>(name, value);
        }

        public void Remove(string name)
        {
            values.Remove(name);
        }

        /// <summary>Makes a variable what it is in another block.</summary>
        public void Restore(string name, EnvironmentBlock other)
        {
            string value = other.Get(name);
            if (value == null) Remove(name);
            else Set(name, value);
        }

        /// <summary>Puts folders in front of those in which programs are looked for.</summary>
        public void PutInFront(params string[] folders)
        {
            string path = Get("PATH");
            Set("PATH", string.Join(";", folders) + (string.IsNullOrEmpty(path) ? "" : ";" + path));
        }

        /// <summary>
        /// The text with `%NAME%` replaced by that variable's value where there is one. A sign that begins no name of a variable stays and may end one: of `%a%PATH%`
        /// the second and third belong together if there is no variable `a`.
        /// </summary>
        public string Expand(string text)
        {
            StringBuilder result = new StringBuilder();
            for (int at = 0; at < text.Length;)
            {
                int end = text[at] == '%' ? text.IndexOf('%', at + 1) : -1;
                string value = end > at + 1 ? Get(text.Substring(at + 1, end - at - 1)) : null;
                result.Append(value ?? text.Substring(at, 1));
                at = value == null ? at + 1 : end + 1;
            }
            return result.ToString();
        }

        private void Take(string entry)
        {
            int sign = entry.IndexOf('=', 1);
            // `=ExitCode` and the like: notes that cmd makes for itself.
            if (sign < 0 || (entry[0] == '=' && sign != 3)) return;
            Set(entry.Substring(0, sign), entry.Substring(sign + 1));
        }
    }
}
