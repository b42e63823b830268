using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Terrarium
{
    /// <summary>
    /// Lays the work tree out from its archive, without `tar`: Windows has one since 2018 only, which takes names for those of the machine's code page, and cannot
    /// make links without a right that not everybody has. As Git for Windows does it, links become files that hold their targets.
    /// </summary>
    internal static class Checkout
    {
        /// <summary>For the git of Windows, which knows neither of both; the file says otherwise before it, and the last word counts.</summary>
        private const string GitSettings = "[core]\n\tfilemode = false\n\tsymlinks = false\n";

        /// <summary>Unpacks the archive into the empty work tree and removes it. 1: it cannot be laid out here; the log says why.</summary>
        public static uint Unpack(JobDescription job, string archive, Spool spool)
        {
            string path = Path.Combine(job.Folder, archive);
            try
            {
                using (FileStream stream = File.OpenRead(path)) new Unpacking(job.WorkTree, spool).Run(new TarReader(stream));
                File.Delete(path);
                return 0;
            }
            catch (Exception error)
            {
                if (!(error is IOException || error is InvalidDataException || error is System.ComponentModel.Win32Exception || error is UnauthorizedAccessException)) throw;
                spool.Write("The sources cannot be laid out: " + error.Message + "\n");
                return 1;
            }
        }

        private sealed class Unpacking
        {
            private readonly string tree;
            private readonly Spool spool;
            private readonly Dictionary<string, string> names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

            public Unpacking(string tree, Spool spool)
            {
                this.tree = tree;
                this.spool = spool;
            }

            public void Run(TarReader tar)
            {
                for (TarEntry entry = tar.Next(); entry != null; entry = tar.Next())
                {
                    string[] parts = WindowsNames.Check(entry.Name);
                    if (parts.Length == 0) continue;
                    if (entry.Kind == '5') LongPath.MakeFolders(tree, parts, parts.Length);
                    else if (entry.Kind == '0' || entry.Kind == '2') File(tar, entry, parts);
                    else throw new InvalidDataException("the archive holds an entry of the kind " + entry.Kind + ": " + entry.Name);
                }
            }

            private void File(TarReader tar, TarEntry entry, string[] parts)
            {
                string other;
                if (names.TryGetValue(entry.Name, out other)) spool.Write("Of " + other + " and " + entry.Name + " only one can be here: Windows takes both names for one.\n");
                names[entry.Name] = entry.Name;
                LongPath.MakeFolders(tree, parts, parts.Length - 1);
                using (FileStream file = LongPath.Create(tree, parts))
                {
                    if (entry.Kind == '2') Write(file, entry.Target);
                    else tar.CopyTo(file);
                    if (entry.Name == ".git/config" || entry.Name.EndsWith("/.git/config", StringComparison.Ordinal)) Write(file, GitSettings);
                    file.Flush();
                    LongPath.SetModified(file, entry.Modified);
                }
            }

            private static void Write(FileStream file, string text)
            {
                byte[] bytes = new UTF8Encoding(false).GetBytes(text);
                file.Write(bytes, 0, bytes.Length);
            }
        }
    }
}
