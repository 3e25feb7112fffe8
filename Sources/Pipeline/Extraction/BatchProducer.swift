import Dispatch
import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// One step of extraction: a batch for the network, and what was learned of other files on the way to it.
struct ExtractionStep: Sendable {
    /// The pictures in `tensor`, in its order.
    var pictures: [PictureEntry] = []
    /// Their normalized crops; nil where there is none.
    var tensor: Tensor4?
    /// Files whose content has a feature, or is about to get one from an earlier step.
    var known: [PictureEntry] = []
    /// Files that cannot be used.
    var failures: [FailureEntry] = []

    /// Files this step deals with.
    var fileCount: Int { pictures.count + known.count + failures.count }
}

/// Reads, decodes and batches files beside the network's computing, on a thread of its own.
final class BatchProducer: Sendable {
    private let queue = BoundedQueue<ExtractionStep>(capacity: 2)
    private let preparer: PicturePreparer
    private let batchSize: Int

    /// A producer of batches of `batchSize` pictures.
    init(preparer: PicturePreparer, batchSize: Int) {
        self.preparer = preparer
        self.batchSize = batchSize
    }

    /// Starts on `files`; contents in `known` are not decoded again.
    func start(_ files: [ListedPicture], known: Set<Fingerprint>) {
        let thread = Thread { [self] in
            produce(files, known: known)
            queue.close()
        }
        thread.name = "decode"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// The next step, or nil after the last.
    func next() -> ExtractionStep? { queue.pop() }

    /// Ends the work early.
    func stop() { queue.close() }

    private func produce(_ files: [ListedPicture], known: Set<Fingerprint>) {
        var seen = known
        var step = ExtractionStep()
        var crops: [Picture] = []
        for start in stride(from: 0, to: files.count, by: batchSize) {
            let group = files[start..<min(start + batchSize, files.count)]
            for prepared in preparer.prepare(group, known: seen) {
                switch prepared {
                case .ready(let entry, let crop):
                    guard seen.insert(entry.content).inserted else {
                        step.known.append(entry)
                        continue
                    }
                    step.pictures.append(entry)
                    crops.append(crop)
                case .known(let entry): step.known.append(entry)
                case .failed(let failure): step.failures.append(failure)
                }
                if crops.count == batchSize, !emit(&step, &crops) { return }
            }
        }
        if step.fileCount > 0 { _ = emit(&step, &crops) }
    }

    private func emit(_ step: inout ExtractionStep, _ crops: inout [Picture]) -> Bool {
        step.tensor = crops.isEmpty ? nil : preparer.preprocessor.batch(of: crops)
        defer {
            step = ExtractionStep()
            crops.removeAll(keepingCapacity: true)
        }
        return queue.push(step)
    }
}

extension ImagePreprocessor {
    /// The normalized crops as one batch, shape `[crops.count, 3, cropHeight, cropWidth]`, filled on all cores.
    func batch(of crops: [Picture]) -> Tensor4 {
        var batch = Tensor4(count: crops.count, channels: 3, height: cropHeight, width: cropWidth)
        let size = batch.elementsPerItem
        batch.withUnsafeMutableElements { elements in
            // Each crop writes to a place of its own.
            nonisolated(unsafe) let places = elements
            DispatchQueue.concurrentPerform(iterations: crops.count) { index in
                normalize(crops[index], into: places.extracting(index * size..<(index + 1) * size))
            }
        }
        return batch
    }
}
