import Foundation
import Pipeline

/// Shows progress with rate and remaining time: one line that changes on a terminal, a new line every ten seconds
/// elsewhere.
final class ProgressMeter {
    private let started = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    private var isLineOpen = false

    /// Shows `progress` where it is time to.
    func show(_ progress: ProgressUpdate) {
        let now = ContinuousClock.now
        let pause: Duration = Console.isTerminal ? .milliseconds(100) : .seconds(10)
        let isLast = progress.done >= progress.total
        guard isLast || now - (lastShown ?? started) >= pause || (lastShown == nil && Console.isTerminal) else {
            return
        }
        // Work that ends before the first ten seconds needs no line in a log.
        if isLast && lastShown == nil && !Console.isTerminal { return }
        lastShown = now
        let line = text(progress, elapsed: now - started)
        Console.write(Console.isTerminal ? "\r\u{1B}[K\(line)" : line + "\n")
        isLineOpen = Console.isTerminal
    }

    /// Ends the line, so that other messages begin a new one.
    func finish() {
        if isLineOpen { Console.write("\n") }
        isLineOpen = false
    }

    private func text(_ progress: ProgressUpdate, elapsed: Duration) -> String {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        var parts = ["\(progress.activity) \(progress.done)/\(progress.total) \(progress.unit)"]
        if progress.done > 0, seconds > 0.5 {
            let rate = Double(progress.done) / seconds
            parts.append(String(format: "%.1f/s", rate))
            if progress.done < progress.total {
                parts.append("\(Self.clock(Double(progress.total - progress.done) / rate)) left")
            }
        }
        if !progress.note.isEmpty { parts.append(progress.note) }
        return parts.joined(separator: ", ")
    }

    /// Seconds as `12 s`, `3:05` or `2:03:05`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        let minutes = String(format: "%02d:%02d", whole / 60 % 60, whole % 60)
        return whole < 3600 ? String(minutes.drop { $0 == "0" }) : "\(whole / 3600):\(minutes)"
    }
}
