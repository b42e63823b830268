using System.IO;

namespace Terrarium
{
    /// <summary>The interpreter in front of everything else.</summary>
    internal static class Interpreter
    {
        /// <summary>Puts the folder of an interpreter and the one of its tools in front of PATH. 1: it is not there.</summary>
        public static uint PutInFront(string path, EnvironmentBlock environment, Spool spool)
        {
            if (!File.Exists(path))
            {
                spool.Write("There is no interpreter " + path + " on this machine.\n");
                return 1;
            }
            string folder = Path.GetDirectoryName(path);
            // PyPy for Python 2.7 has its tools in `bin`.
            string tools = Path.Combine(folder, Directory.Exists(Path.Combine(folder, "bin")) ? "bin" : "Scripts");
            environment.PutInFront(folder, tools);
            environment.Remove("PYTHONHOME");
            environment.Remove("VIRTUAL_ENV");
            return 0;
        }
    }
}
