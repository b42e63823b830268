using System.Text;

namespace Terrarium
{
    /// <summary>Command lines as programs of Microsoft's C runtime take them apart again.</summary>
    internal static class CommandLine
    {
        /// <summary>
        /// One text that such a program splits into exactly these arguments (learn.microsoft.com, "Parsing C command-line arguments": backslashes count only in
        /// front of a quote, where they are doubled). The first is the program's own path, which has other rules: it must hold no quote.
        /// </summary>
        public static string Of(params string[] arguments)
        {
            StringBuilder line = new StringBuilder("\"" + arguments[0] + "\"");
            for (int index = 1; index < arguments.Length; index++) Append(line.Append(' '), arguments[index]);
            return line.ToString();
        }

        private static void Append(StringBuilder line, string argument)
        {
            line.Append('"');
            int backslashes = 0;
            foreach (char one in argument)
            {
                if (one == '\\') backslashes++;
                else
                {
                    line.Append('\\', one == '"' ? backslashes * 2 + 1 : backslashes).Append(one);
                    backslashes = 0;
                }
            }
            line.Append('\\', backslashes * 2).Append('"');
        }
    }
}
