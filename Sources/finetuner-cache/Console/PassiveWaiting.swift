import Foundation

/// How the threads of the OpenMP runtime that oneDNN computes on wait for each other.
enum PassiveWaiting {
    /// Makes them sleep instead of spin. In stage one they share the cores with the threads that decode pictures: a thread
    /// that spins while its partner is displaced takes the core that would let the partner go on.
    ///
    /// The runtime reads its settings when it is loaded, before `main`; so where the user has not chosen, the program starts
    /// itself once more with the setting, as the same process. Where that is not possible it goes on as it is, only slower.
    static func ensure() {
        let environment = ProcessInfo.processInfo.environment
        guard environment["OMP_WAIT_POLICY"] == nil, environment["GOMP_SPINCOUNT"] == nil else { return }
        setenv("OMP_WAIT_POLICY", "passive", 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
}
