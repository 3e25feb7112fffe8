import Backbones
import Foundation
import ImageInput
import Synchronization
import Tensors

/// The threads that bring files to the network and features back: one that reads ahead, and one for each backbone.
final class ExtractionRun: Sendable {
    private let queue = BoundedQueue<PictureToExtract>(capacity: PictureReader.bytesAhead)
    private let results: OrderedResults<ExtractedPicture>
    private let root: String
    private let workers: [ExtractionWorker]
    private let waited = Mutex(0.0)

    /// Batches that may wait for an earlier one, for each worker.
    private static let batchesAhead = 8

    /// Files after which one looks whether to go on.
    private static let filesAtOnce = 8

    /// A run over `count` files below `root`.
    init(
        count: Int, root: String, backbones: [any Backbone], batchSize: Int, decoder: ImageDecoder,
        preprocessor: ImagePreprocessor, views: [PictureView]
    ) {
        let results = OrderedResults<ExtractedPicture>(
            count: count, window: Self.batchesAhead * batchSize * backbones.count)
        self.results = results
        self.root = root
        workers = backbones.map { [queue] in
            ExtractionWorker(
                root: root, backbone: $0, batchSize: batchSize, decoder: decoder, preprocessor: preprocessor,
                views: views, queue: queue, results: results)
        }
    }

    /// Starts on `files`; contents in `known` are not decoded again.
    func start(_ files: [ListedPicture], known: Set<Fingerprint>) {
        let reader = PictureReader(root: root, known: known, queue: queue, results: results)
        WorkThread.start("read") { [queue] in
            reader.read(files)
            queue.close()
        }
        for worker in workers {
            WorkThread.start("extract") { [self] in
                worker.run { seconds in waited.withLock { $0 += seconds } }
            }
        }
    }

    /// What became of the next few files, in their order; nil after the last. Throws what the backbone failed with.
    func next() throws -> [ExtractedPicture]? { try results.take(atMost: Self.filesAtOnce) }

    /// Ends the work early; what is being computed is dropped.
    func stop() {
        queue.abandon()
        results.stop()
    }

    /// The seconds in which the workers have waited for files, on average.
    var secondsWaiting: Double { waited.withLock { $0 } / Double(workers.count) }
}
